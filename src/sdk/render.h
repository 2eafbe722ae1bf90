// Templates of the program's own operators, sensors and notifiers.
#pragma once

#include <span>
#include <string_view>

#include "sdk/context_data.h"
#include "venturi/value.h"

namespace venturi::inline sdk::internal {

// The fields with their texts rendered, those in lists and in the values of maps too, in the task's context; of a text that
// ends with one of `template_ext` the file of that name. Throws std::runtime_error with the field, the text and the reason, or
// TaskFailedForGood where the next try would end the same way.
[[nodiscard]] Object render_fields(detail::ContextData& data, const Object& fields,
                                   std::span<const std::string_view> template_ext);

// SetRenderedFields: what Airflow shows as "Rendered Templates". Secrets that this process knows are masked here, those that
// templates asked for by the worker.
void tell_rendered(detail::ContextData& data, const Object& rendered);

}  // namespace venturi::inline sdk::internal
