export { choiceField, textField, type TextField } from './form-parts.js';
export { renderPage, template } from './layout.js';
export { sendPage, type PageAnswer } from './page-answer.js';
export { problemPage } from './problem-page.js';
export { isOwnForm } from './same-origin.js';
