// JSON that lies in Google Cloud Storage beside the data: schemas of tables.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "operators/arguments.h"
#include "operators/operator_try.h"
#include "venturi/value.h"

namespace venturi::providers {

// `url` is gs://bucket/object. Of the connection conn_id (empty: the argument gcp_conn_id) and the argument
// impersonation_chain. Throws TaskFailedForGood where it is no such URL, TaskFailed where it is no list.
[[nodiscard]] boost::asio::awaitable<Value> json_of_gcs(operators::OperatorTry& t, operators::Arguments arguments,
                                                        std::string url, std::string conn_id);

}  // namespace venturi::providers
