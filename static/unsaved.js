// Warns whoever leaves a page of the desk while a text that they typed is not sent.
document.addEventListener("DOMContentLoaded", function () {
  var forms = Array.from(document.querySelectorAll("#content form[method=post][id], form.guarded"));
  var before = new Map();
  var leaving = null;
  function typed(form) {
    return Array.from(new FormData(form))
      .map(function (pair) {
        return pair[0] + "=" + (pair[1] instanceof File ? pair[1].name : pair[1]);
      })
      .join("&");
  }
  forms.forEach(function (form) {
    // A form that came back with faults holds what is not kept yet, whatever is done with it.
    before.set(form, form.querySelector(".errornote, .conflict") ? null : typed(form));
    form.addEventListener("submit", function (event) {
      var button = event.submitter;
      // A preview opens beside the page: nothing is sent off with it.
      if (button && button.formTarget === "_blank") return;
      leaving = form;
    });
  });
  window.addEventListener("beforeunload", function (event) {
    var unsaved = forms.some(function (form) {
      return form !== leaving && before.get(form) !== typed(form);
    });
    leaving = null;
    if (unsaved) event.preventDefault();
  });
});
