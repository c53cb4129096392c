// The desk: gives the admin's searchable choices the name of their field, which they come without.
(function () {
  function name(root) {
    root.querySelectorAll(".select2-container").forEach(function (box) {
      var select = box.previousElementSibling;
      var label = select && document.querySelector('label[for="' + select.id + '"]');
      var text = label ? label.textContent.replace(/:\s*$/, "").trim() : select && select.name;
      if (!text) return;
      box.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox]").forEach(function (part) {
        part.removeAttribute("aria-labelledby");
        part.setAttribute("aria-label", text);
      });
    });
  }
  // The choices are made by jQuery once the page is ready, which may be after this event.
  window.addEventListener("load", function () { setTimeout(name, 100, document); });
  document.addEventListener("formset:added", function (event) { setTimeout(name, 100, event.target); });
})();
