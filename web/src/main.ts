// The page of a report, whose data are in the file itself, or of a studio, whose data come from its server.

import "uplot/dist/uPlot.min.css";
import "./style.css";
import { documentOf } from "./document";
import { Page } from "./page";
import { Studio } from "./studio";
import { apply } from "./theme";

const live = document.getElementById("studio");
if (live !== null) {
  apply();
  new Studio(live);
}

const root = document.getElementById("page");
const data = document.getElementById("page-data");
if (root !== null && data !== null) {
  apply();
  new Page(root, documentOf(data));
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}
