import type { Decision, Stage } from "../types";
import { button, cross, el } from "./dom";

const sorry = "That did not work. Please try again.";

/** A dialog that asks for an e-mail address, with the purpose the visitor agrees to. */
export function popup(d: Decision, stage: Stage, close: () => void): HTMLDialogElement {
  const c = d.content;
  const mail = el("input", {
    type: "email", required: "", maxlength: "254", autocomplete: "email",
    placeholder: c.placeholder, "aria-label": c.placeholder || "E-mail",
  });
  const agree = el("input", { type: "checkbox", required: "" });
  const error = el("p", { class: "e", role: "alert" });
  const go = el("button", { class: "k" }, c.button);
  const form = el(
    "form",
    { novalidate: "" },
    mail,
    c.consent_label && el("label", {}, agree, el("span", {}, c.consent_label)),
    error,
    go,
    c.decline && button("q", c.decline, () => dialog.close()),
  );
  const title = el("h2", { id: "t", tabindex: "-1", autofocus: "" }, c.title);
  const text = c.text && el("p", { class: "m" }, c.text);
  const dialog = el(
    "dialog",
    { class: "d f", "aria-labelledby": "t" },
    cross(() => dialog.close(), c.decline),
    title,
    text,
    form,
  );
  const wrong = (field: HTMLInputElement | null, words: string): void => {
    error.textContent = words;
    for (const one of [mail, agree]) one.setAttribute("aria-invalid", String(one === field));
    if (field) field.focus();
  };
  form.onsubmit = async (e) => {
    e.preventDefault();
    const bad = form.querySelector<HTMLInputElement>("input:invalid");
    if (bad) return wrong(bad, bad.validationMessage);
    wrong(null, "");
    go.disabled = true;
    const { status } = await stage.subscribe(d, mail.value.trim());
    go.disabled = false;
    if (status !== 200) return wrong(status === 400 ? mail : null, c.error || sorry);
    stage.say(d, "Promotion Clicked");
    form.replaceWith(el("p", { class: "m", role: "status" }, c.success));
    if (text) text.remove();
    title.focus();
  };
  dialog.onclick = (e) => {
    if (e.target === dialog) dialog.close();
  };
  dialog.onclose = close;
  return dialog;
}
