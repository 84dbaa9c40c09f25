import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";

/** Registered by the worker when it starts; an unregistered one would hang a run, so `PreparedRun` says whether they are there. */
export const SEARCH_ATTRIBUTES = {
  dag: defineSearchAttributeKey("SlipwayDag", SearchAttributeType.KEYWORD),
  runType: defineSearchAttributeKey("SlipwayRunType", SearchAttributeType.KEYWORD),
  logicalDate: defineSearchAttributeKey("SlipwayLogicalDate", SearchAttributeType.DATETIME),
  state: defineSearchAttributeKey("SlipwayState", SearchAttributeType.KEYWORD),
};
