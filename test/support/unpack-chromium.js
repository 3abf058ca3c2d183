// Unpacks the browser of the specs into the directory that TMPDIR names, and prints where it is and where its libraries are.
// By this the package knows that the machine may lack the libraries that it brings along; it looks when it is loaded.
process.env.AWS_LAMBDA_FUNCTION_NAME = 'latchkey';
const { default: chromium } = await import('@sparticuz/chromium');

chromium.setGraphicsMode = false;
const executablePath = await chromium.executablePath();
console.log(JSON.stringify({ executablePath, libraries: process.env.LD_LIBRARY_PATH ?? '' }));
