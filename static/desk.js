// The desk's own script. Everything works without it.

// Gives the admin's searchable choices the name of their field, which they come without.
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
  // The fields of a table of rows have no label of their own: the column's name is theirs.
  function columns(root) {
    root.querySelectorAll(".tabular table td").forEach(function (cell) {
      var head = cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
      var text = head && head.textContent.trim();
      cell.querySelectorAll("input:not([type=hidden]), select, textarea").forEach(function (field) {
        if (text && !field.labels.length && !field.hasAttribute("aria-label")) {
          field.setAttribute("aria-label", text);
        }
      });
    });
    // A moment is asked for in two fields, under one label that names neither.
    root.querySelectorAll(".datetime input:not([type=hidden])").forEach(function (field) {
      var group = field.closest(".form-row, td");
      var label = group && group.querySelector("label, legend");
      if (label && !field.labels.length) field.setAttribute("aria-label", label.textContent.trim());
    });
    root.querySelectorAll(".search-label-icon[aria-label]").forEach(function (icon) {
      icon.setAttribute("role", "img");
    });
  }
  function both(root) {
    name(root);
    columns(root);
  }
  // The choices are made by jQuery once the page is ready, which may be after this event.
  window.addEventListener("load", function () { setTimeout(both, 100, document); });
  document.addEventListener("formset:added", function (event) { setTimeout(both, 100, event.target.parentNode); });
})();

// Long work: a form with data-long="Working…" says so once it is sent, and is not sent twice.
(function () {
  function region(form) {
    var said = document.createElement("p");
    said.className = "long-work";
    said.setAttribute("role", "status");
    form.append(said);
    return said;
  }

  // The region is there before it speaks: else some screen readers say nothing.
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("form[data-long]").forEach(region);
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.hasAttribute("data-long")) return;
    if (form.hasAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("aria-busy", "true");
    (form.querySelector(".long-work") || region(form)).textContent = form.dataset.long;
    // After the browser has read the form: a button that is disabled sends no name.
    setTimeout(function () {
      form.querySelectorAll("[type=submit]").forEach(function (button) { button.disabled = true; });
    });
  });

  // Back again by the browser's own button: the page is as it was left.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-long][aria-busy]").forEach(function (form) {
      form.removeAttribute("aria-busy");
      form.querySelector(".long-work").textContent = "";
      form.querySelectorAll("[type=submit]").forEach(function (button) { button.disabled = false; });
    });
  });
})();

// On a phone the lists are cards, each cell with its column's name, and their filters are folded.
document.addEventListener("DOMContentLoaded", function () {
  var names = Array.from(document.querySelectorAll("#result_list thead th"), function (head) {
    var text = head.querySelector(".text");
    return text ? text.textContent.trim() : "";
  });
  document.querySelectorAll("#result_list tbody tr").forEach(function (row) {
    Array.from(row.cells).forEach(function (cell, number) {
      // A cell that leads to its row names itself.
      if (names[number] && cell.tagName === "TD" && !cell.querySelector("a, .badge, input")) {
        cell.dataset.label = names[number];
      }
    });
  });
  if (matchMedia("(max-width: 767px)").matches) {
    document.querySelectorAll("#changelist-filter details").forEach(function (part) {
      part.open = !part.querySelector("li:first-child.selected");
    });
  }
});
