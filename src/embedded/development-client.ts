/** The one client of the development provider: the web page, and the command line beside it. */
export const developmentClientId = 'latchkey-web';

// Nothing listens there: the command line reads the code from the redirect itself.
export const commandLineRedirectUri = 'http://127.0.0.1/latchkey-command-line';
