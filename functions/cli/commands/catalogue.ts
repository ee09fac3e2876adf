import { CONTROLS, controlById } from '../../domain/controls/catalogue.ts';
import type { Control } from '../../domain/controls/control.ts';
import { reasonTexts } from '../../domain/controls/reasons/reason.ts';
import { FRAMEWORKS, requirementsOf, supportedBy } from '../../domain/frameworks/catalogue.ts';
import { findFramework } from '../../domain/frameworks/find.ts';
import { DISCLAIMER, decides, evidenceOf, type Framework } from '../../domain/frameworks/framework.ts';
import { usageError } from '../../domain/model/errors.ts';
import { columnsWithProse, lineWidth, type Terminal, wrapped } from '../terminal.ts';

/** `trailseal controls [ID]` */
export function controlsCommand(id: string | undefined, options: { json?: boolean }, terminal: Terminal): number {
  const { out } = terminal;
  const chosen = id === undefined ? CONTROLS : [knownControl(id)];
  if (options.json) out.write(`${JSON.stringify(chosen.map(controlJson), null, 1)}\n`);
  else if (id === undefined) {
    out.write(
      `${columnsWithProse(
        CONTROLS.map((c) => [c.id, c.severity, c.title]),
        lineWidth(terminal),
      )}\n`,
    );
  } else for (const control of chosen) out.write(controlText(control, terminal));
  return 0;
}

/** `trailseal frameworks [ID]` */
export function frameworksCommand(id: string | undefined, options: { json?: boolean }, terminal: Terminal): number {
  const { out } = terminal;
  if (id === undefined) {
    if (options.json) out.write(`${JSON.stringify(FRAMEWORKS, null, 1)}\n`);
    else
      out.write(
        `${columnsWithProse(
          FRAMEWORKS.map((f) => [f.id, `${`${f.name} ${f.version}`.trim()}, ${f.requirements.length} requirements`]),
          lineWidth(terminal),
        )}\n\n${wrapped(DISCLAIMER, { indent: 0, width: lineWidth(terminal) })}\n`,
      );
    return 0;
  }
  const found = findFramework(id);
  if (!found.found) throw usageError(found.message);
  if (found.taken !== null) terminal.err.write(`${found.taken}\n`);
  out.write(options.json ? `${JSON.stringify(found.framework, null, 1)}\n` : frameworkText(found.framework, terminal));
  return 0;
}

function knownControl(id: string): Control {
  const control = controlById(id);
  if (control) return control;
  throw usageError(`There is no control "${id.slice(0, 60)}": use one of ${CONTROLS.map((c) => c.id).join(', ')}.`);
}

const controlJson = ({ decide: _, reasons, ...text }: Control) => ({
  ...text,
  reasons: reasonTexts(reasons),
  frameworks: requirementsOf(text.id),
});

function controlText(control: Control, terminal: Terminal): string {
  const { style } = terminal;
  const width = lineWidth(terminal);
  const parts: [string, string][] = [
    ['Severity', control.severity],
    ['Judges', control.resource],
    ['Why', control.rationale],
    ['Reads', control.reads.join(', ')],
    ['Decided', control.decision],
    ['Fix', control.remediation],
    ...reasonsByStatus(control),
    ['By hand', control.audit.console],
    ...control.audit.commands.map((command): [string, string] => ['', command]),
    ['', control.audit.expected],
    ['Sources', control.sources.join('; ')],
    ...supported(control.id),
  ];
  return `${style('bold', `${control.id}: ${control.title}`)}\n${parts.map(([name, text]) => `  ${name.padEnd(10)} ${wrapped(text, { indent: 13, width })}`).join('\n')}\n`;
}

/** The codes that a finding may have, a line a status; docs/reference/controls.md says what each means. */
function reasonsByStatus(control: Control): [string, string][] {
  const texts = reasonTexts(control.reasons);
  return (['FAIL', 'UNVERIFIED'] as const).flatMap((status): [string, string][] => {
    const codes = texts.flatMap((reason) => (reason.status === status ? [reason.code] : []));
    return codes.length > 0 ? [[status === 'FAIL' ? 'Fails' : 'Unverified', codes.join(', ')]] : [];
  });
}

/** A line a framework, the first of them named. */
function supported(controlId: string): [string, string][] {
  const lines = supportedBy(controlId).map((s) => `${s.framework}: ${s.requirements}`);
  if (lines.length === 0) return [['Supports', 'no framework requirement']];
  return lines.map((line, at) => [at === 0 ? 'Supports' : '', line]);
}

function frameworkText(framework: Framework, terminal: Terminal): string {
  const { style } = terminal;
  const width = lineWidth(terminal);
  const head = `${style('bold', `${framework.name} ${framework.version}`)} (${framework.id}), ${framework.publisher}${framework.note ? `\n${framework.note}` : ''}\nPublished: ${framework.published.join(' ')}`;
  const requirements = framework.requirements.map((r) =>
    [
      `\n${style('bold', r.id)}  ${r.title}${r.vendorMappingOnly ? ' (a vendor’s mapping only)' : ''}${r.onlyIf ? ' (only with account data in scope)' : ''}`,
      ...(r.support.length === 0 ? ['  No control judges it.'] : []),
      ...[true, false].flatMap((deciding) => {
        const ids = evidenceOf(r).filter((id) => decides(r, id) === deciding);
        const words = deciding ? 'Decided by' : 'Supported by';
        return ids.length > 0 ? [`  ${words.padEnd(13)}  ${wrapped(ids.join(', '), { indent: 17, width })}`] : [];
      }),
      `  Not evidenced  ${wrapped(r.notEvidenced, { indent: 17, width })}`,
    ].join('\n'),
  );
  return `${head}\n${requirements.join('\n')}\n\n${wrapped(DISCLAIMER, { indent: 0, width })}\n`;
}
