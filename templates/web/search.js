// Shows the titles that hold every word of the question, as one types. Without it the page is whole, and a
// server answers the form. `newsletter/archive/finding.py` finds the same.
"use strict";
(() => {
  const form = document.querySelector("form[role=search]");
  if (form.hasAttribute("data-asked")) return; // Only what the server found is here.
  const plain = { "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ς": "σ" };
  const folded = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase().toLowerCase()
    .replace(/[øłđðþæœıς]/g, letter => plain[letter]);
  const sections = [...document.querySelectorAll("main section")].map(section => [section,
    [...section.querySelectorAll("li")].map(row => [row, folded(row.textContent)])]);
  const all = sections.reduce((sum, [, rows]) => sum + rows.length, 0);
  const found = document.getElementById("found");

  const show = () => {
    const wanted = folded(form.q.value.slice(0, 200)).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [section, rows] of sections) {
      const before = shown;
      for (const [row, line] of rows) {
        const fits = wanted.every(word => line.includes(word));
        if (row.hidden === fits) row.hidden = !fits;
        shown += fits;
      }
      section.hidden = shown === before;
    }
    found.textContent = wanted.length ? `${shown} of ${all} titles` : `${all} titles`;
  };

  form.q.value = form.q.value || new URLSearchParams(location.search).get("q") || "";
  form.q.addEventListener("input", show);
  form.addEventListener("submit", event => { event.preventDefault(); show(); });
  if (form.q.value) show();
})();
