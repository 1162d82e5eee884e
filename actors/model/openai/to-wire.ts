/** A request as chat completions has it. Only what the request says is sent, so that small servers understand it. */
import type { ModelMessage, ModelRequest, ToolCall } from '../model.js';
import type { Settings } from './options.js';

/** The body of a call. */
export function bodyOf(request: ModelRequest, settings: Settings, isStream: boolean): Record<string, unknown> {
  const { messages, tools, toolChoice, output, temperature, maxOutputTokens, seed, stop } = request;
  const body: Record<string, unknown> = { model: settings.model, messages: messages.map(messageOf) };
  if (tools !== undefined && tools.length > 0) {
    body.tools = tools.map(({ name, description, input }) => ({
      type: 'function',
      function: { name, description, parameters: input },
    }));
    if (toolChoice !== undefined) {
      const chosen = typeof toolChoice === 'object';
      body.tool_choice = chosen ? { type: 'function', function: { name: toolChoice.name } } : toolChoice;
    }
  }
  if (output !== undefined) body.response_format = { type: 'json_schema', json_schema: { ...output } };
  if (temperature !== undefined) body.temperature = temperature;
  if (maxOutputTokens !== undefined) body[settings.maxTokensField] = maxOutputTokens;
  if (seed !== undefined) body.seed = seed;
  if (stop !== undefined && stop.length > 0) body.stop = stop;
  if (isStream) Object.assign(body, { stream: true, stream_options: { include_usage: true } });
  return Object.assign(body, settings.body);
}

function messageOf(message: ModelMessage): Record<string, unknown> {
  switch (message.role) {
    case 'tool':
      return { role: 'tool', tool_call_id: message.callId, content: message.text };
    case 'assistant': {
      const { text, toolCalls = [] } = message;
      if (toolCalls.length === 0) return { role: 'assistant', content: text };
      return { role: 'assistant', content: text === '' ? null : text, tool_calls: toolCalls.map(toolCallOf) };
    }
    default:
      return { role: message.role, content: message.text };
  }
}

function toolCallOf({ id, name, args, badArgs }: ToolCall): Record<string, unknown> {
  // What was no JSON goes back as JSON all the same: servers parse the arguments of earlier calls, and fail on them.
  const text = JSON.stringify(badArgs === undefined ? (args ?? {}) : { notJson: badArgs });
  return { id, type: 'function', function: { name, arguments: text } };
}
