// Sets the colours before the first paint: the choice made here, else what the system prefers.
(function () {
  "use strict";
  var dark = matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    var chosen = null;
    try { chosen = localStorage.getItem("regulars-theme"); } catch (e) { /* storage is off */ }
    var theme = chosen === "dark" || chosen === "light" ? chosen : dark.matches ? "dark" : "light";
    document.documentElement.setAttribute("data-bs-theme", theme);
  }
  apply();
  dark.addEventListener("change", apply);
  window.regularsTheme = {
    toggle: function () {
      var now = document.documentElement.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
      try { localStorage.setItem("regulars-theme", now); } catch (e) { /* lasts for this page only */ }
      document.documentElement.setAttribute("data-bs-theme", now);
    },
  };
})();
