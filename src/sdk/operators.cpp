// Built-in operators: their fields in serialized form, under the names that they have in C++.
#include "venturi/operators.h"

#include <stdexcept>

#include "sdk/dag_node.h"
#include "sdk/encode.h"
#include "venturi/built_in.h"

namespace venturi::inline sdk {

namespace detail {

FieldBase::FieldBase() noexcept = default;
FieldBase::FieldBase(const FieldBase&) = default;
FieldBase::FieldBase(FieldBase&&) noexcept = default;
FieldBase::~FieldBase() = default;

Value FieldBase::constant() const {
  return internal::decode(value_, [](const Value&) -> Value {
    throw std::logic_error("the field of an operator is the output of a task: it has a value only while the operator runs");
  });
}
void FieldBase::set(std::string_view text) {
  value_ = text;
}
void FieldBase::set(std::int64_t n) {
  value_ = static_cast<long long>(n);
}
void FieldBase::set(double d) {
  value_ = d;
}
void FieldBase::set(bool b) {
  value_ = b;
}
void FieldBase::set(const Value& json) {
  value_ = internal::encode(json);
}
void FieldBase::set(const TaskRef& from, std::string_view key) {
  value_ = internal::xcom_ref(from.task_id(), key);
  upstream_.push_back(&from.node());
}
void FieldBase::set(const ItemBase& item) {
  value_ = internal::typed("xcomref", Object{{"type", "item"}, {"axis", item.axis}, {"list", item.list}});
}
void FieldBase::set(const Column* columns, std::size_t count) {
  Array list;
  for (std::size_t i = 0; i < count; ++i) {
    list.push_back(internal::encode(Object{{"name", columns[i].name}, {"type", to_string(columns[i].type)}}));
  }
  value_ = std::move(list);
}
void FieldBase::append(const FieldBase& element) {
  if (value_.is_null()) value_ = Array{};
  value_.as_array().push_back(element.value_);
  upstream_.insert(upstream_.end(), element.upstream_.begin(), element.upstream_.end());
}
void FieldBase::add(std::string_view name, const FieldBase& element) {
  if (value_.is_null()) value_ = internal::typed("dict", Object{});
  value_.as_object().find("__var")->as_object().set(name, element.value_);
  upstream_.insert(upstream_.end(), element.upstream_.begin(), element.upstream_.end());
}

TaskNode& add_operator(GroupNode& group, const BashOperator& op, const TaskOptions& options) {
  return OperatorFields(group, "BashOperator", op.task_id, options)
      .required("bash_command", op.bash_command)
      .field("env", op.env)
      .field("append_env", op.append_env)
      .field("cwd", op.cwd)
      .field("skip_on_exit_code", op.skip_on_exit_code)
      .field("do_xcom_push", op.do_xcom_push)
      .templates({"bash_command", "env", "cwd"}, {".sh", ".bash"})
      .node();
}

TaskNode& add_operator(GroupNode& group, const EmptyOperator& op, const TaskOptions& options) {
  return OperatorFields(group, "EmptyOperator", op.task_id, options).node();
}

TaskNode& add_operator(GroupNode& group, const ConstantOperator& op, const TaskOptions& options) {
  return OperatorFields(group, "ConstantOperator", op.task_id, options).required("value", op.value).node();
}

TaskNode& add_operator(GroupNode& group, const EmailOperator& op, const TaskOptions& options) {
  return OperatorFields(group, "EmailOperator", op.task_id, options)
      .required("to", op.to)
      .field("subject", op.subject)
      .field("text_content", op.text_content)
      .field("html_content", op.html_content)
      .field("files", op.files)
      .field("cc", op.cc)
      .field("bcc", op.bcc)
      .field("conn_id", op.conn_id)
      .field("from_email", op.from_email)
      .field("mime_charset", op.mime_charset)
      .field("custom_headers", op.custom_headers)
      .field("mime_subtype", op.mime_subtype)
      .templates({"to", "subject", "from_email", "files", "cc", "bcc", "html_content", "text_content", "mime_subtype",
                  "mime_charset", "conn_id", "custom_headers"},
                 {".html"})
      .node();
}

TaskNode& add_operator(GroupNode& group, const PostgresToFileOperator& op, const TaskOptions& options) {
  return OperatorFields(group, "PostgresToFileOperator", op.task_id, options)
      .field("conn_id", op.conn_id)
      .required("sql", op.sql)
      .field("parameters", op.parameters)
      .field("columns", op.columns)
      .field("file_name", op.file_name)
      .templates({"conn_id", "sql", "parameters"}, {".sql"})
      .node();
}

TaskNode& add_operator(GroupNode& group, const CsvToFileOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "CsvToFileOperator", op.task_id, options);
  fields.required("path", op.path)
      .field("delimiter", op.delimiter)
      .field("header", op.header)
      .field("encoding", op.encoding)
      .field("source_compression", op.source_compression)
      .field("columns", op.columns)
      .field("file_name", op.file_name)
      .templates({"path"});
  if (op.header.value() == Value(false) && !op.columns.is_given()) {
    add_mistake(fields.node(), "CsvToFileOperator needs .columns where .header is false: name what the file has, in order");
  }
  return fields.node();
}

}  // namespace detail

Field<Texts>::Field(std::initializer_list<Member> members) {
  for (const auto& [name, text] : members) add(name, text);
}
Field<std::vector<Column>>::Field(const std::vector<Column>& columns) {
  set(columns.data(), columns.size());
}
Field<std::vector<Column>>::Field(std::initializer_list<Column> columns) {
  set(columns.begin(), columns.size());
}

Output<void> TaskGroup::empty(std::string_view task_id, const TaskOptions& options) {
  return add(EmptyOperator{.task_id = std::string(task_id)}, options);
}

detail::TaskNode& TaskGroup::add_constant(std::string_view task_id, const Value& value, const TaskOptions& options) {
  return detail::add_operator(*node_, ConstantOperator{.task_id = std::string(task_id), .value = value}, options);
}

}  // namespace venturi::inline sdk
