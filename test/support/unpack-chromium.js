// Unpacks the browser of the specs into the directory that TMPDIR names, and prints how Playwright launches it.
// By this the package knows that the machine may lack the libraries that it brings along; it looks when it is loaded.
process.env.AWS_LAMBDA_FUNCTION_NAME = 'latchkey';
const { default: chromium } = await import('@sparticuz/chromium');

chromium.setGraphicsMode = false;
const executablePath = await chromium.executablePath();
const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none'];
console.log(JSON.stringify({ executablePath, args, env: process.env }));
