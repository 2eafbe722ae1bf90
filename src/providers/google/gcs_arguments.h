// Arguments that several operators of Google Cloud Storage have.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "operators/arguments.h"
#include "providers/google/gcs_client.h"

namespace venturi::providers {

// A text, or a list of texts; nothing where it was not given.
[[nodiscard]] std::optional<std::vector<std::string>> text_or_list(const operators::Arguments& arguments,
                                                                   std::string_view name);
[[nodiscard]] std::optional<Time> time_argument(const operators::Arguments& arguments, std::string_view name);
[[nodiscard]] GcsPlace gcs_place(const operators::Arguments& arguments, std::string_view bucket, std::string_view object);

// Airflow's GCSHook.list() of one page: prefixes where there are some, otherwise names.
[[nodiscard]] std::vector<std::string> names_of(GcsListing page);
// All of it; `delimiter` beside `match_glob` can be "/" alone, as Google has it.
[[nodiscard]] boost::asio::awaitable<std::vector<std::string>> list_names(GcsClient& gcs, std::string bucket, GcsQuery query);

// With a slash at its end; the root of the bucket is empty.
[[nodiscard]] std::string as_folder(std::string name);

}  // namespace venturi::providers
