/** Schemas: one contract for every library, JSON Schema in and out. */
export { jsonSchema } from './json-schema.js';
export {
  type Checked,
  checkSchema,
  isSchema,
  type JsonSchema,
  jsonSchemaOf,
  type Schema,
  type SchemaIssue,
} from './schema.js';
