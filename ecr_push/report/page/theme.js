"use strict";
// Before anything is drawn: the theme that was chosen last time, on any report.
try {
  const chosen = localStorage.getItem("ecr-push-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // A page in a sandbox has no storage: the system's theme it is.
}
