// The shop's own script: it tells the hub what happened on this page, and eases a few forms.
window.regulars =
  window.regulars ||
  function () {
    (window.regulars.q = window.regulars.q || []).push(arguments);
  };

for (const told of document.querySelectorAll("template[data-shop-event]")) {
  const { shopEvent: name, user, properties } = told.dataset;
  if (user) window.regulars("identify", user, JSON.parse(properties));
  else window.regulars("track", name, JSON.parse(properties));
}

for (const button of document.querySelectorAll("[data-consent-open]")) {
  button.addEventListener("click", () => window.regulars("consent", "open"));
}

for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
  form.addEventListener("change", () => form.requestSubmit());
  form.classList.add("by-itself");
}

// The picture and the price follow the chosen size or colour.
const shot = document.getElementById("shot");
const amount = document.querySelector("#amount .price strong");
const from = document.querySelector("#amount .from");
const show = (choice) => {
  if (shot.getAttribute("src") !== choice.dataset.shot) shot.src = choice.dataset.shot;
  amount.textContent = choice.dataset.price;
  if (from) from.hidden = true;
};
for (const choice of document.querySelectorAll("input[data-shot]")) {
  if (choice.checked) show(choice);
  choice.addEventListener("change", () => show(choice));
}
