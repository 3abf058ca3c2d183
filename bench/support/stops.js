/** What has been started and not stopped yet, in the order of the start. */
export const stops = [];

export async function stopAll() {
  for (const stop of stops.splice(0).reverse()) await Promise.resolve(stop()).catch((error) => console.error(error));
}
