// Fields of structs of the program's own: what is told of them to the server, and what is put into them before they run.
#pragma once

#include <string>
#include <string_view>

#include "sdk/context_data.h"
#include "sdk/dag_node.h"
#include "venturi/own_fields.h"

namespace venturi::inline sdk::internal {

// "ArchiveOrders" of what compilers make of detail::name_of_struct<T>().
[[nodiscard]] std::string struct_name(std::string_view pretty);

// Serializes the fields of `object` into the task, and makes it run after the tasks whose outputs they take.
void describe_fields(detail::TaskNode& task, const detail::OwnFields& fields, const void* object);
// Such a task is no light one, whatever its default_args say; where `given`, its own options, say so that is a mistake.
void keep_in_process(detail::TaskNode& task, const TaskOptions& given, std::string_view what);

// Puts the outputs of other tasks (`task` has them as inputs, `data` their values) and rendered templates into `object`. What
// was rendered is told to the server (SetRenderedFields), without secrets. Throws ConversionError naming the field, and what
// render_fields() throws.
void fill_fields(void* object, const detail::OwnFields& fields, const detail::TaskNode& task, detail::ContextData& data);

}  // namespace venturi::inline sdk::internal
