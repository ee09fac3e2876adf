/** A value of a template. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export interface StackTemplate {
  Resources: Record<string, { Type: string; Properties?: { [name: string]: Json } }>;
  Outputs?: Record<string, { Export?: { Name: Json } }>;
}

/** Templates by stack, with those that their StackSets roll out. */
export const withRolledOut = (templates: Record<string, StackTemplate>): Record<string, StackTemplate> => {
  const rolledOut = Object.entries(templates).flatMap(([name, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties }]) =>
      Type === 'AWS::CloudFormation::StackSet'
        ? [[`${name}/${id}`, JSON.parse(String(Properties?.TemplateBody)) as StackTemplate] as const]
        : [],
    ),
  );
  return { ...templates, ...Object.fromEntries(rolledOut) };
};

/** Unique within a database or a workgroup, which have names of their own. */
const WITHIN_ANOTHER = ['AWS::Glue::Table', 'AWS::Athena::NamedQuery'];
const NAME = /^(\w*Name)$/;
const NO_NAME = /^(GroupName|DatabaseName|DisplayName|PolicyName|MetricName|EventBusName)$/;

/** A name may be put together, as of a prefix and the Region; a reference alone is the name of something else. */
const isName = (value: Json): boolean =>
  typeof value === 'string' ||
  (typeof value === 'object' && value !== null && ('Fn::Join' in value || 'Fn::Sub' in value));

/** Names of an account and Region that these resources and exports have. */
export const physicalNames = (templates: Record<string, StackTemplate>): string[] =>
  Object.values(templates).flatMap(({ Resources, Outputs = {} }) => [
    ...Object.values(Outputs).flatMap(({ Export }) => (Export ? [`export ${JSON.stringify(Export.Name)}`] : [])),
    ...Object.values(Resources)
      .filter(({ Type }) => !WITHIN_ANOTHER.includes(Type))
      .flatMap(({ Type, Properties = {} }) => {
        const inner = (Properties.DatabaseInput ?? {}) as Record<string, Json>;
        return [...Object.entries(Properties), ...Object.entries(inner)]
          .filter(([property, value]) => NAME.test(property) && !NO_NAME.test(property) && isName(value))
          .map(([, value]) => `${Type} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
      }),
  ]);
