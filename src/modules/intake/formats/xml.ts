import { parseXml as read, XmlError, type XmlElement } from '../../../platform/xml/index.js';
import { FormatError } from './format-error.js';

export { buildXml, MAX_XML_BYTES, XmlElement, type XmlContent } from '../../../platform/xml/index.js';

/** The platform's reader with the codes of this door. @throws FormatError, and nothing else, whatever the bytes are */
export function parseXml(input: Uint8Array | string): XmlElement {
  try {
    return read(input);
  } catch (error) {
    if (error instanceof XmlError) throw new FormatError(`intake.xml-${error.problem}`);
    throw error;
  }
}
