//! The entity's errors in its ABI.

use ringfence_platform::list_errors;

ringfence_protocol::each_entity_error!(list_errors);
