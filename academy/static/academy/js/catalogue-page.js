/** Starts the catalogue, after `main.js`. */

import { takeOverCatalogue } from "./catalogue.js";

takeOverCatalogue();
