import { template } from './layout.js';

export interface TextField {
  name: string;
  label: string;
  hint?: string | undefined;
  value?: string | undefined;
  error?: string | undefined;
  type?: 'text' | 'date' | 'file';
  required?: boolean;
  /** HTML autocomplete token, such as `postal-code`. */
  autocomplete?: string;
  inputmode?: 'text' | 'numeric';
  maxlength?: number;
  /** Of file fields. */
  accept?: string;
}

export interface ChoiceField {
  name: string;
  legend: string;
  options: readonly { value: string; label: string; checked?: boolean }[];
  error?: string | undefined;
}

/** Label, hint and error belong to the input by id, so a screen reader says them with it. */
export const textField: (field: TextField) => string = template<TextField>(`
<div class="field">
  <label for="<%= it.name %>"><%= it.label %></label>
  <% if (it.hint) { %><p class="hint" id="<%= it.name %>-hint"><%= it.hint %></p><% } %>
  <% if (it.error) { %><p class="error" id="<%= it.name %>-error"><%= it.error %></p><% } %>
  <input id="<%= it.name %>" name="<%= it.name %>" type="<%= it.type ?? 'text' %>"
    <% if (it.value) { %>value="<%= it.value %>"<% } %>
    <% if (it.required) { %>required<% } %>
    <% if (it.autocomplete) { %>autocomplete="<%= it.autocomplete %>"<% } %>
    <% if (it.inputmode) { %>inputmode="<%= it.inputmode %>"<% } %>
    <% if (it.maxlength) { %>maxlength="<%= it.maxlength %>"<% } %>
    <% if (it.accept) { %>accept="<%= it.accept %>"<% } %>
    <% if (it.error) { %>aria-invalid="true"<% } %>
    <% if (it.hint || it.error) { %>aria-describedby="<% if (it.hint) { %><%= it.name %>-hint <% } %><% if (it.error) { %><%= it.name %>-error<% } %>"<% } %>>
</div>`);

export const choiceField: (field: ChoiceField) => string = template<ChoiceField>(`
<fieldset class="field">
  <legend><%= it.legend %></legend>
  <% if (it.error) { %><p class="error"><%= it.error %></p><% } %>
  <% for (const option of it.options) { %>
  <div class="choice">
    <input type="radio" id="<%= it.name %>-<%= option.value %>" name="<%= it.name %>" value="<%= option.value %>"<% if (option.checked) { %> checked<% } %>>
    <label for="<%= it.name %>-<%= option.value %>"><%= option.label %></label>
  </div>
  <% } %>
</fieldset>`);
