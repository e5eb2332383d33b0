// Waiting for what a page will say: it simulates behind an asynchronous door.

/** How long the page may take to get there, in milliseconds. */
const PATIENCE = 10_000;
/** How often it is looked at. */
const GLANCE = 40;

/** Repeats `check` until it no longer throws; what it threw last is the failure. Returns what it returns. */
export async function eventually(check, patience = PATIENCE) {
  const until = Date.now() + patience;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, GLANCE));
  }
}
