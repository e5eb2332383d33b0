// Starts the browser that set-up found.
import { www } from "./paths.mjs";

/** A headless Chromium that talks to nobody but our own server. */
export async function launch() {
  const { chromium } = www("playwright-core");
  const executablePath = process.env.CHROMIUM;
  if (!executablePath) throw new Error("$CHROMIUM is not set: run the browser tests with `cargo xtask test browser`");
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
      "--disable-dev-shm-usage",
      "--no-first-run",
    ],
  });
}
