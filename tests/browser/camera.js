// A phone's camera pointed at the screen: a picture of an element, and the text of the QR code in it.

import jsQR from 'jsqr';

/** Reads the QR code that an element shows; null when there is none that a camera could read. */
export async function readQr(locator) {
  const picture = await locator.screenshot();
  const page = await locator.page().context().browser().newPage();
  try {
    const pixels = await page.evaluate(decodePicture, `data:image/png;base64,${picture.toString('base64')}`);
    const found = jsQR(Uint8ClampedArray.from(Buffer.from(pixels.data, 'base64')), pixels.width, pixels.height);
    return found?.data ?? null;
  } finally {
    await page.close();
  }
}

/** Runs in the browser, which can read PNG: its pixels as base64 of RGBA. */
async function decodePicture(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  const paper = canvas.getContext('2d');
  paper.drawImage(image, 0, 0);
  const { data, width, height } = paper.getImageData(0, 0, image.width, image.height);
  let text = '';
  for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
  return { data: btoa(text), width, height };
}
