// Jinja's filters, tests and globals, and Airflow's filters: one table each, the functions in filters_*.cpp, jinja_tests.cpp,
// globals.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "template/call.h"

namespace venturi::templates {

// nullptr: there is none.
[[nodiscard]] Native find_filter(std::string_view name);
[[nodiscard]] Native find_test(std::string_view name);
[[nodiscard]] Native find_global(std::string_view name);
[[nodiscard]] std::string_view global_repr(std::string_view name);  // "<class 'dict'>"

// "No filter named 'uper'. Did you mean 'upper'?"
[[nodiscard]] std::string no_such_filter(std::string_view name);
[[nodiscard]] std::string no_such_test(std::string_view name);

// The name that is nearest in spelling; empty where none is near.
[[nodiscard]] std::string_view nearest_name(std::string_view name, std::span<const std::string_view> names);

// By subject; each is sorted by name.
extern const std::span<const NamedNative> text_filters, list_filters, number_filters, html_filters, choice_filters,
    date_filters;
extern const std::span<const NamedNative> all_tests, all_globals;

}  // namespace venturi::templates
