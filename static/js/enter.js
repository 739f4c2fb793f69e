import { offerAppearance } from "./appearance.js";

offerAppearance();
