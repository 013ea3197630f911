import { keywordOf, readsAsRevocation } from './keywords.policy.js';

describe('what people answer', () => {
  it('is a keyword, or words', () => {
    expect(keywordOf('UNSTOP')).toBe('start');
    expect(keywordOf('ＳＴＯＰ')).toBe('stop');
    expect(keywordOf('BAJA')).toBe('stop');
    expect(keywordOf('Baja, por favor')).toBe('stop');
    expect(keywordOf('Yes!')).toBe('yes');
    expect(keywordOf('info')).toBe('help');
    expect(keywordOf('yes please')).toBeUndefined();
  });

  it.each([
    'Please stop sending me these texts',
    'Stop sending me this',
    'please stop writing to me',
    'Stop texting my phone!!',
    'STOP messaging me already',
    "I don't want any more messages from you",
    'do not contact me again',
    "Don't text here anymore",
    'cancel these alerts',
    'no more texts',
    'Unsubscribe me from this',
    'please opt me out',
    'remove my number from your list',
    'Wrong number.',
    'leave me alone, thanks',
    'stop it now',
    'no me manden mensajes',
    'No más mensajes por favor',
    'dejen de enviar esto',
    'I no longer wish to receive messages',
    "I don't wish to get your texts",
    'I do not want to be contacted',
    'I no longer want to hear from you',
    'not interested in these messages',
    'Do not text',
    "don't text please",
    'No texting!',
    'Do not text my phone',
    'do not call or text',
    'Stop sending',
    'please stop sending these',
    'stop spamming me',
    'Stop the delivery alerts',
    'stop the prescription status texts',
    'cancel my appointment reminders',
    'stop these updates',
    'stop the spam',
    'This is spam',
    'SPAM!!!',
    'thats a scam',
    'reported as spam',
    'I withdraw my consent',
    'I do not consent',
    'I never gave you permission',
    'I never signed up for these texts',
    'delete my number',
    'please remove this phone number',
    'take my number off your list',
    'No quiero más mensajes',
    'No quiero recibir mensajes',
    'no deseo recibir más notificaciones',
    'ya no quiero que me escriban',
    'no me contacten',
    'cancelen los mensajes',
    'quiero darme de baja',
    'borren mi número',
    'Retiro mi consentimiento',
    'número equivocado',
    'déjenme en paz',
  ])('"%s" takes consent back', (body) => {
    expect(readsAsRevocation(body)).toBe(true);
  });

  it.each([
    'When does my order arrive?',
    'Can you stop by after 5?',
    'I did not stop sending you the form',
    'Should I stop taking it?',
    'please cancel my order',
    'Thank you',
    'I never got it',
    'Leave it at the back door',
    'This is the right number',
    '¿Cuándo llega?',
    'Should I stop taking this? Please text me',
    'should I stop taking this',
    'stop by tomorrow',
    'Can you stop by and send me the form?',
    'can you send me the text of the label',
    'please cancel my appointment and text me a new time',
    'I got the wrong number of pills',
    'Do not send it to my old address',
    'I do not want the pills',
    'I do not want to update my address',
    'I no longer need the inhaler',
    'Do I have permission to take two?',
    'no quiero la pastilla',
    'No quiero más pastillas',
    'ya no quiero el medicamento',
    'no me molesta la espalda',
    'your email went to my spam folder',
    'Is this spam?',
    'es una dosis baja',
    'estoy de baja médica',
    'quiero cancelar mi cita',
    'Me mandaron el número equivocado de pastillas',
    '',
  ])('"%s" does not', (body) => {
    expect(readsAsRevocation(body)).toBe(false);
  });
});
