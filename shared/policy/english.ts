// What `zod/mini` says of what is wrong, in English: of itself it says of everything only that it is invalid.
import { en } from "zod/locales";
import { config } from "zod/mini";

config(en());
