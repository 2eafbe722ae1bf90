// A param as a field of a form, and back again.
#pragma once

#include <string>

#include "base/result.h"
#include "model/params.h"
#include "pages/forms.h"
#include "pages/html.h"

namespace venturi::pages {

// `form`: what was sent, to be shown again; null: the default is shown.
[[nodiscard]] Html param_field(const Param& param, const Fields* form, const std::string& problem);
// What was sent, in the type that the schema has; the error says why it cannot be that.
[[nodiscard]] Result<Value> param_value(const Param& param, const Fields& form);

}  // namespace venturi::pages
