/** Starts what the pages of a course have, after `main.js`. */

import { followReading, reloadWhenPrepared, showPlaceInContents } from "./reading.js";
import { takeOverReader } from "./reader.js";
import { offerVersions } from "./versions.js";

followReading();
showPlaceInContents();
reloadWhenPrepared();
takeOverReader();
offerVersions();
