/** What Kubernetes 1.36 has (read/kubernetes-fields.ts) and `kubernetes-types` (1.30, the last there is) has not. */
export type {} from "kubernetes-types/core/v1.js";

declare module "kubernetes-types/core/v1.js" {
  interface Container {
    restartPolicyRules?: ContainerRestartRule[];
  }
  interface ContainerRestartRule {
    action: string;
    exitCodes?: ContainerRestartRuleOnExitCodes;
  }
  interface ContainerRestartRuleOnExitCodes {
    operator: string;
    values?: number[];
  }
  interface EnvVarSource {
    fileKeyRef?: FileKeySelector;
  }
  interface EphemeralContainer {
    restartPolicyRules?: ContainerRestartRule[];
  }
  interface FileKeySelector {
    volumeName: string;
    path: string;
    key: string;
    optional?: boolean;
  }
  interface ImageVolumeSource {
    reference?: string;
    pullPolicy?: string;
  }
  interface Lifecycle {
    stopSignal?: string;
  }
  interface PodCertificateProjection {
    signerName: string;
    keyType: string;
    maxExpirationSeconds?: number;
    credentialBundlePath?: string;
    keyPath?: string;
    certificateChainPath?: string;
    userAnnotations?: Record<string, string>;
  }
  interface PodResourceClaim {
    resourceClaimName?: string;
    resourceClaimTemplateName?: string;
  }
  interface PodSchedulingGroup {
    podGroupName?: string;
  }
  interface PodSecurityContext {
    supplementalGroupsPolicy?: string;
    seLinuxChangePolicy?: string;
  }
  interface PodSpec {
    hostnameOverride?: string;
    resources?: ResourceRequirements;
    schedulingGroup?: PodSchedulingGroup;
  }
  interface ResourceClaim {
    request?: string;
  }
  interface Volume {
    image?: ImageVolumeSource;
  }
  interface VolumeProjection {
    podCertificate?: PodCertificateProjection;
  }
}
