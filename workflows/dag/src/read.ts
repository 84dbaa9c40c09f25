/** From a user's text or JSON to a compiled DAG. Kept apart from the index: workflow code never reads YAML. */
export {};
