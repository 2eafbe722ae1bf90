// All hooks for tasks in C++: databases, warehouses, objects, HTTP and mail by the worker's operator host. Each has a header of
// its own, too.
#pragma once

#include "venturi/hooks/bigquery.h"  // IWYU pragma: export
#include "venturi/hooks/gcs.h"       // IWYU pragma: export
#include "venturi/hooks/http.h"      // IWYU pragma: export
#include "venturi/hooks/postgres.h"  // IWYU pragma: export
#include "venturi/hooks/redshift.h"  // IWYU pragma: export
#include "venturi/hooks/s3.h"        // IWYU pragma: export
#include "venturi/hooks/smtp.h"      // IWYU pragma: export
