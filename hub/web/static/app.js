// Small behaviours of the admin pages. Every page works without them, only less smoothly.
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    var target = event.target.closest("[data-act]");
    if (!target) return;
    var act = target.getAttribute("data-act");
    if (act === "theme") window.regularsTheme.toggle();
    if (act === "menu") toggleMenu(target);
    if (act === "copy") copy(target);
    if (act === "device") showDevice(target);
    if (act === "pause-live") pauseLive(target);
  });

  // A form that can not be undone asks first.
  document.addEventListener("submit", function (event) {
    var question = event.target.getAttribute && event.target.getAttribute("data-confirm");
    if (question && !window.confirm(question)) event.preventDefault();
  });

  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute("data-send-on-change")) form.requestSubmit();
  });

  function toggleMenu(button) {
    var open = document.getElementById("side").classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  }

  function copy(button) {
    var text = document.getElementById(button.getAttribute("data-copy")).textContent;
    navigator.clipboard.writeText(text).then(function () {
      var label = button.textContent;
      button.textContent = button.getAttribute("data-copied");
      setTimeout(function () { button.textContent = label; }, 1600);
    });
  }

  function pauseLive(button) {
    var paused = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(paused));
    document.body.toggleAttribute("data-live-paused", paused);
  }

  // Polling waits while paused, and while the tab is hidden.
  document.addEventListener("htmx:before:request", function (event) {
    var from = event.detail.ctx.sourceElement;
    var waits = document.hidden || document.body.hasAttribute("data-live-paused");
    if (from && from.id === "live-rows" && waits) event.preventDefault();
  });

  /* ---- the widget editor: keep the draft, show it ---- */
  var editor = document.getElementById("editor");
  if (!editor) return;
  var frame = document.getElementById("preview");
  var state = document.getElementById("draft-state");
  var locale = document.getElementById("preview-locale");
  var last = null, timer = 0, saving = false, again = false;

  function showDevice(button) {
    var phone = button.getAttribute("data-device") === "phone";
    frame.parentElement.classList.toggle("phone", phone);
    document.querySelectorAll("[data-device]").forEach(function (other) {
      other.setAttribute("aria-pressed", String(other === button));
    });
  }

  function show(decision) {
    last = decision || last;
    // The frame is sandboxed and has no origin to name; what is sent is no secret.
    // Sent before the frame listens it is lost, and sent again when the frame says it is ready.
    if (frame && last) frame.contentWindow.postMessage({ decision: last, locale: chosen() }, "*");
  }

  function chosen() { return locale ? locale.value : "en"; }

  window.addEventListener("message", function (event) {
    if (!frame || event.source !== frame.contentWindow || !event.data || event.data.regulars !== "ready") return;
    show(null);
  });

  function ask() {
    fetch(editor.getAttribute("data-preview") + "?locale=" + encodeURIComponent(chosen()))
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (body) { if (body) show(body.decision); });
  }

  function later() {
    if (editor.hasAttribute("data-readonly")) return;
    state.textContent = state.getAttribute("data-unsaved");
    clearTimeout(timer);
    timer = setTimeout(save, 400);
  }

  function save() {
    if (saving) { again = true; return; }
    saving = true;
    var body = new URLSearchParams(new FormData(editor));
    body.set("locale", chosen());
    body.delete("op");
    fetch(editor.getAttribute("action"), {
      method: "POST", body: body, headers: { Accept: "application/json" },
    }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).then(function (body) {
      state.textContent = state.getAttribute("data-saved");
      showErrors(body.errors);
      var words = document.getElementById("rule-words");
      if (words) words.textContent = body.rule;
      show(body.decision);
    }).catch(function () {
      state.textContent = state.getAttribute("data-failed");
    }).then(function () {
      saving = false;
      if (again) { again = false; save(); }
    });
  }

  function showErrors(errors) {
    editor.querySelectorAll("[data-fault]").forEach(function (place) {
      var name = place.getAttribute("data-fault");
      var text = errors[name] || "";
      place.textContent = text;
      var input = editor.elements.namedItem(place.getAttribute("data-input") || name);
      if (input && input.classList) {
        input.classList.toggle("is-invalid", Boolean(text));
        if (text) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
      }
    });
    var rest = document.getElementById("other-faults");
    if (!rest) return;
    var unplaced = Object.keys(errors).filter(function (name) {
      return !editor.querySelector('[data-fault="' + CSS.escape(name) + '"]');
    });
    rest.textContent = unplaced.map(function (name) { return name + ": " + errors[name]; }).join("\n");
  }

  editor.addEventListener("input", later);
  editor.addEventListener("change", later);
  document.addEventListener("htmx:after:swap", function (event) {
    if (event.target.closest && event.target.closest("#editor")) later();
  });
  if (locale) locale.addEventListener("change", ask);
  if (frame) {
    frame.addEventListener("load", ask);
    ask();
  }
})();
