/** The real servers that all tests of one run share. Each test has an installation and a namespace of its own on them. */
export interface TestStack {
  readonly kubeconfig: string;
  readonly context: string;
  readonly temporal: { readonly address: string };
  readonly nats: { readonly url: string };
  readonly binaries: { readonly natsServer: string; readonly nats: string; readonly kubectl: string };
}

declare module "vitest" {
  interface ProvidedContext {
    slipway: TestStack;
  }
}
