// Waits for the next version of the plugin, then shows it where the reader was.
const shown = document.currentScript.dataset.version;
const state = document.getElementById("state");

async function follow() {
  for (;;) {
    try {
      const answer = await fetch(`wait?version=${shown}`);
      if (!answer.ok) throw new Error("gone");
      const { version } = await answer.json();
      if (String(version) !== shown) return location.reload();
    } catch {
      state.textContent = "The preview has ended: start it again with hub dev plugin.";
      state.className = "bad";
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

follow();
