import type { ControlId } from '../controls/catalogue.ts';
import { decides, evidenceOf, type Framework } from './framework.ts';
import { ESSENTIAL_EIGHT, KISA_ISMS_P, RBI } from './mappings/asia-pacific.ts';
import { AWS_FSBP, AWS_FTR, AWS_WELL_ARCHITECTED } from './mappings/aws.ts';
import { C5 } from './mappings/c5.ts';
import { CIS_AWS } from './mappings/cis-aws.ts';
import { CMMC } from './mappings/cmmc.ts';
import { CIS_CONTROLS, CSA_CCM } from './mappings/control-catalogues.ts';
import { DORA, ENS, NIS2, SECNUMCLOUD } from './mappings/europe.ts';
import { FEDRAMP } from './mappings/fedramp.ts';
import { GXP } from './mappings/gxp.ts';
import { HIPAA } from './mappings/hipaa.ts';
import { NIST_800_53 } from './mappings/nist-800-53.ts';
import { NIST_800_171 } from './mappings/nist-800-171.ts';
import { NIST_CSF } from './mappings/nist-csf.ts';
import { PCI_DSS } from './mappings/pci-dss.ts';
import { APRA_CPG_234, GDPR, ISO_27001, MAS_TRM, NYDFS, SOC_2 } from './mappings/regulators.ts';

/** Every framework, in the order in which they are printed. Adding one is a file in mappings/ and a line here. */
export const FRAMEWORKS: readonly Framework[] = [
  ...CIS_AWS,
  AWS_FSBP,
  AWS_WELL_ARCHITECTED,
  AWS_FTR,
  CIS_CONTROLS,
  CSA_CCM,
  ...PCI_DSS,
  HIPAA,
  ...NIST_800_53,
  ...NIST_800_171,
  CMMC,
  ...NIST_CSF,
  ...FEDRAMP,
  ISO_27001,
  SOC_2,
  ...GXP,
  NYDFS,
  GDPR,
  DORA,
  NIS2,
  C5,
  ENS,
  SECNUMCLOUD,
  APRA_CPG_234,
  ESSENTIAL_EIGHT,
  MAS_TRM,
  KISA_ISMS_P,
  RBI,
];

/** One requirement that a control supports. */
export interface RequirementReference {
  frameworkId: string;
  requirementId: string;
  /** As other tools write it, e.g. `PCI DSS 4.0.1/10.3.2`. */
  label: string;
  /** False where only vendors map it, or where it counts only with account data in scope. */
  unconditional: boolean;
  /** Whether the control's failure fails the requirement. */
  decides: boolean;
  /** False for versions that are withdrawn or superseded. */
  current: boolean;
}

const REFERENCES: ReadonlyMap<string, readonly RequirementReference[]> = referencesByEvidence();

function referencesByEvidence(): Map<string, RequirementReference[]> {
  const references = new Map<string, RequirementReference[]>();
  for (const framework of FRAMEWORKS) {
    for (const requirement of framework.requirements) {
      const reference = {
        frameworkId: framework.id,
        requirementId: requirement.id,
        label: `${framework.name} ${framework.version}/${requirement.id}`,
        unconditional: requirement.onlyIf === undefined && requirement.vendorMappingOnly === undefined,
        current: framework.note === null,
      };
      for (const id of evidenceOf(requirement)) {
        const own = { ...reference, decides: decides(requirement, id) };
        references.set(id, [...(references.get(id) ?? []), own]);
      }
    }
  }
  return references;
}

/** The requirements that a control supports, in the catalogue's order; none for an unknown control. */
export const requirementsOf = (controlId: string): readonly RequirementReference[] => REFERENCES.get(controlId) ?? [];

/** What a control bears on, a framework at a time, for people: `2.2 (conditional), 10.5 (supports)` under `PCI DSS 3.2.1`. */
export function supportedBy(controlId: string): { id: string; framework: string; requirements: string }[] {
  const references = requirementsOf(controlId);
  return FRAMEWORKS.flatMap(({ id, name, version }) => {
    const own = references.filter(({ frameworkId }) => frameworkId === id);
    const words = own.map(
      (r) => `${r.requirementId}${r.unconditional ? (r.decides ? '' : ' (supports)') : ' (conditional)'}`,
    );
    return own.length > 0 ? [{ id, framework: `${name} ${version}`, requirements: words.join(', ') }] : [];
  });
}

/** One row a requirement: what a query joins findings to. */
export interface FrameworkMappingRow {
  framework_id: string;
  requirement_id: string;
  title: string;
  control_ids: readonly ControlId[];
  /** Those of them whose failure fails the requirement. */
  deciding_ids: readonly ControlId[];
  /** What else the outcome of the requirement depends on: null, ACCOUNT_DATA_IN_SCOPE or VENDOR_MAPPING_ONLY. */
  condition: string | null;
}

export const frameworkMappings = (): FrameworkMappingRow[] =>
  FRAMEWORKS.flatMap((framework) =>
    framework.requirements.map((requirement) => ({
      framework_id: framework.id,
      requirement_id: requirement.id,
      title: requirement.title,
      control_ids: evidenceOf(requirement),
      deciding_ids: evidenceOf(requirement).filter((id) => decides(requirement, id)),
      condition: requirement.onlyIf ?? (requirement.vendorMappingOnly ? 'VENDOR_MAPPING_ONLY' : null),
    })),
  );
