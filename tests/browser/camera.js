// A phone's camera pointed at the screen: a picture of an element, and the text of the QR code in it.

import jsQR from 'jsqr';

/**
 * Reads the QR code that an element shows: `{text, quietZone}`, the latter in modules; null when there is none that a
 * camera could read.
 */
export async function readQr(locator) {
  const picture = await photographed(locator);
  const found = jsQR(picture.data, picture.width, picture.height);
  return found && { text: found.data, quietZone: quietZone(picture, found) };
}

/** How many modules of white are around a code, on the side that has the fewest. */
function quietZone(picture, found) {
  const { topLeftCorner: first, bottomRightCorner: last } = found.location;
  const [left, top, right, bottom] = [first.x, first.y, last.x, last.y].map(Math.round);
  const across = [left, right];
  const down = [top, bottom];
  const module = (right - left) / (17 + 4 * found.version);
  // A little away from the code, whose edge falls between two pixels.
  const gap = Math.ceil(module / 4);
  const clear = (isClear) => {
    let pixels = gap;
    while (isClear(pixels)) pixels += 1;
    return pixels;
  };
  const sides = [
    clear((away) => isWhite(picture, across, [top - away, top - away])),
    clear((away) => isWhite(picture, across, [bottom + away, bottom + away])),
    clear((away) => isWhite(picture, [left - away, left - away], down)),
    clear((away) => isWhite(picture, [right + away, right + away], down)),
  ];
  return Math.round(Math.min(...sides) / module);
}

/** Whether a picture is white in this rectangle, which is not white where it leaves the picture. */
function isWhite({ data, width, height }, [fromX, toX], [fromY, toY]) {
  if (fromX < 0 || fromY < 0 || toX >= width || toY >= height) return false;
  for (let y = fromY; y <= toY; y += 1) {
    for (let x = fromX; x <= toX; x += 1) {
      const at = 4 * (y * width + x);
      if (data[at] < 250 || data[at + 1] < 250 || data[at + 2] < 250) return false;
    }
  }
  return true;
}

/** A picture of an element: `{data, width, height}`, four bytes a pixel. */
async function photographed(locator) {
  const png = await locator.screenshot();
  const { data, width, height } = await locator.page().evaluate(decodePicture, png.toString('base64'));
  return { data: Uint8ClampedArray.from(Buffer.from(data, 'base64')), width, height };
}

/** Runs in the browser, which can read PNG: its pixels as base64 of RGBA. */
async function decodePicture(base64) {
  const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const paper = new OffscreenCanvas(image.width, image.height).getContext('2d');
  paper.drawImage(image, 0, 0);
  const { data, width, height } = paper.getImageData(0, 0, image.width, image.height);
  let text = '';
  for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
  return { data: btoa(text), width, height };
}
