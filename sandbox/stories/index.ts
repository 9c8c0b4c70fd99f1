import type { Story } from "../story.ts";
import { busy } from "./busy/story.ts";
import { offHours } from "./off-hours/story.ts";
import { rise } from "./rise/story.ts";
import { spot } from "./spot/story.ts";
import { threeClouds } from "./three-clouds/story.ts";

/** What each story is about, and the story. The first is told when none is named. */
export const STORIES: Readonly<Record<string, { readonly about: string; readonly make: () => Story }>> = {
  rise: { about: "a queue rises, an alert fires, a node group grows and comes back down", make: rise },
  spot: { about: "spot stocks out, on-demand takes over, spot comes back, a spot node is interrupted", make: spot },
  "off-hours": {
    about: "three clouds go to zero by night and are back in time; someone else interferes",
    make: offHours,
  },
  busy: { about: "demand falls while two of three nodes work: only idle ones go, by name", make: busy },
  "three-clouds": { about: "one cloud stocks out, the next is out of quota, the third serves", make: threeClouds },
};

export const DEFAULT_STORY = "rise";

/** The stories, a line each, for people. */
export const listed = (): string =>
  Object.entries(STORIES)
    .map(([name, { about }]) => `  ${name.padEnd(14)}${about}`)
    .join("\n");
