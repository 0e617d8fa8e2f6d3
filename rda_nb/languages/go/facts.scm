; Facts of a Go file. A capture without a dot is a row, one with a dot is a field of it; facts/vocabulary.py has the words.

; Package and imports
(package_clause (package_identifier) @package)
(import_spec name: (_)? @import.alias path: (_) @import.path) @import

; Regions
(function_declaration name: (identifier) @function.name parameters: (parameter_list) @function.parameters
  result: (_)? @function.results body: (_)) @function
(method_declaration receiver: (parameter_list) @function.receiver name: (field_identifier) @function.name
  parameters: (parameter_list) @function.parameters result: (_)? @function.results body: (_)) @function
(func_literal parameters: (parameter_list) @function.parameters result: (_)? @function.results) @function
(for_statement . (_) @loop.header body: (block)) @loop
(for_statement . body: (block)) @loop
(if_statement condition: (_) @branch.header) @branch
(communication_case communication: (_) @case.header) @case
(expression_case value: (_) @case.header) @case
(type_case) @case
(default_case) @case
(select_statement) @select
(expression_switch_statement) @switch
(type_switch_statement) @switch
(go_statement) @spawn
(defer_statement) @defer

; Types
(type_spec name: (type_identifier) @type.name type: (_) @type.definition) @type
(type_alias name: (type_identifier) @type.name type: (_) @type.definition) @type
(field_declaration name: (field_identifier)* @field.names type: (_) @field.type tag: (_)? @field.tag) @field
(method_elem name: (field_identifier) @signature.name parameters: (parameter_list) @signature.parameters
  result: (_)? @signature.results) @signature
(interface_type (type_elem . (_) @field.type) @field)

; Names and values
(short_var_declaration left: (_) @define.names right: (_) @define.values) @define
(assignment_statement left: (_) @assign.names right: (_) @assign.values) @assign
(var_spec . name: (identifier) @variable.names ("," . (identifier) @variable.names)* type: (_)? @variable.type value: (_)? @variable.values) @variable
(const_spec . name: (identifier) @constant.names ("," . (identifier) @constant.names)* type: (_)? @constant.type value: (_)? @constant.values) @constant
(range_clause left: (_)? @range.names right: (_) @range.values) @range
(receive_statement left: (_)? @receive_into.names right: (_) @receive_into.values) @receive_into

; Calls, settings, channels
(call_expression function: (_) @call.callee) @call
(composite_literal type: (_) @literal.type) @literal
(keyed_element key: (_) @entry.key value: (_) @entry.value) @entry
(send_statement channel: (_) @send.channel value: (_) @send.value) @send
(unary_expression operator: "<-" operand: (_) @receive.channel) @receive
(return_statement (expression_list)? @return.values) @return
(break_statement (label_name)? @leave.label) @leave
(continue_statement (label_name)? @again.label) @again
(goto_statement (label_name) @to.label) @to
