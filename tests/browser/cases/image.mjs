// A saved image is opened: FROM finds it, and its layers can be looked into.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** A tar archive of files by name. */
function tar(files) {
  const blocks = [];
  for (const [name, data] of Object.entries(files)) {
    const content = Buffer.from(data);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        0", 148);
    const sum = header.reduce((sum, byte) => sum + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    blocks.push(header, content, Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** As `docker save` writes an image. */
function saved() {
  const layers = [tar({ "bin/app": "program", "etc/old": "old" }), tar({ "etc/.wh.old": "" })];
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: { Env: ["A=1"] },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
    history: [{ created_by: "COPY app /bin/app" }, { created_by: "RUN rm /etc/old" }],
  });
  const manifest = [{ Config: `${sha256(config)}.json`, RepoTags: ["me/it:1"], Layers: ["a/layer.tar", "b/layer.tar"] }];
  return tar({
    [`${sha256(config)}.json`]: config,
    "manifest.json": JSON.stringify(manifest),
    "a/layer.tar": layers[0],
    "b/layer.tar": layers[1],
  });
}

const give = (page, name, buffer) =>
  page.page.locator("[data-hook=archive-file]").setInputFiles({ name, mimeType: "application/x-tar", buffer });

export default {
  async "a saved image is looked into, and is what FROM finds"(bench) {
    const page = await bench.open();
    await page.begin("FROM alpine\n");
    await give(page, "it.tar", saved());
    await page.page.getByText("me/it:1: 10 B in 2 layers.").waitFor();
    const layers = page.page.locator("[data-hook=layers]");
    await layers.getByText("RUN rm /etc/old", { exact: true }).waitFor();
    await layers.locator("[data-hook=unfold]").first().click();
    await layers.getByText("whiteout: hides what lies below").waitFor();
    await page.begin("FROM me/it:1\nCOPY Dockerfile /\n");
    await layers.getByText("COPY app /bin/app", { exact: true }).waitFor();
    assert.match(await layers.innerText(), /COPY Dockerfile/);
  },

  async "an archive that leads out of its image is refused by name"(bench) {
    const page = await bench.open();
    await page.begin("FROM alpine\n");
    const bad = saved();
    bad[bad.indexOf("bin/app")] = "X".charCodeAt(0);
    await give(page, "bad.tar", bad);
    await page.page.getByText(/bad\.tar holds an image, but/).waitFor();
    assert.match(await page.text(), /^FROM alpine/);
  },
};
