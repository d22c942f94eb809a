// Sends a picture to be read and shows its text. No libraries, nothing from other servers.

const UNSURE = 0.75; // below this confidence a word is underlined
const byId = (id) => document.getElementById(id);
const [drop, file, preview, invitation, status, text, note, actions] =
  ["drop", "file", "preview", "invitation", "status", "text", "note", "actions"].map(byId);
let current = null;
let turn = 0;

function show(message, kind = "") {
  status.textContent = message;
  status.className = `status ${kind}`;
  status.hidden = !message;
}

function showResult(result) {
  text.replaceChildren();
  let unsure = false;
  result.pages.forEach((page, number) => {
    if (number) text.append("\n\n");
    page.lines.forEach((line, row) => {
      if (row) text.append("\n");
      let at = 0;
      for (const word of line.words) {
        const place = line.text.indexOf(word.text, at);
        if (place < 0) continue;
        text.append(line.text.slice(at, place));
        if (word.confidence < UNSURE) {
          const mark = document.createElement("span");
          mark.className = "unsure";
          mark.title = `${Math.round(word.confidence * 100)} % sure`;
          mark.textContent = word.text;
          text.append(mark);
          unsure = true;
        } else {
          text.append(word.text);
        }
        at = place + word.text.length;
      }
      text.append(line.text.slice(at));
    });
  });
  const found = result.text.trim() !== "";
  text.hidden = actions.hidden = !found;
  note.hidden = !unsure;
  show(found ? "" : "There is no text in this picture.");
  const save = byId("save");
  if (save.href) URL.revokeObjectURL(save.href);
  save.href = URL.createObjectURL(new Blob([result.text + "\n"], { type: "text/plain" }));
}

async function read() {
  if (!current) return;
  const mine = ++turn;
  text.hidden = actions.hidden = note.hidden = true;
  show("Reading …", "busy");
  const form = new FormData();
  form.append("file", current);
  form.append("mode", byId("mode").value);
  form.append("language", byId("language").value);
  try {
    // The header cannot be sent from other sites' pages.
    let answer = await fetch("/try", { method: "POST", body: form, headers: { "X-Unscrawl": "1" } });
    while (answer.status === 202) {
      const job = await answer.json();
      answer = await fetch(`/try/${job.id}?wait=20`, { headers: { "X-Unscrawl": "1" } });
    }
    const content = await answer.json();
    if (mine !== turn) return;
    if (answer.ok) showResult(content);
    else show(content.detail ?? "That did not work.", "failed");
  } catch {
    if (mine === turn) show("The service cannot be reached.", "failed");
  }
}

function take(picture) {
  if (!picture) return;
  current = picture;
  if (preview.src) URL.revokeObjectURL(preview.src);
  preview.src = URL.createObjectURL(picture);
  preview.hidden = false;
  invitation.hidden = true;
  preview.onerror = () => {
    // A PDF, or a format that browsers do not show.
    preview.hidden = true;
    invitation.hidden = false;
    invitation.querySelector("strong").textContent = picture.name;
  };
  read();
}

file.addEventListener("change", () => take(file.files[0]));
take(file.files[0]); // chosen while this script was still on its way
for (const name of ["mode", "language"]) byId(name).addEventListener("change", read);
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name === "drop") take(event.dataTransfer.files[0]);
  });
}
document.addEventListener("paste", (event) => take(event.clipboardData.files[0]));
byId("reader").addEventListener("submit", (event) => event.preventDefault());
byId("copy").addEventListener("click", async () => {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text.textContent);
  } else {
    // Browsers give the clipboard to pages of this machine or over TLS only; the old way works everywhere.
    getSelection().selectAllChildren(text);
    document.execCommand("copy");
  }
  byId("copy").textContent = "Copied";
  setTimeout(() => (byId("copy").textContent = "Copy"), 1500);
});
