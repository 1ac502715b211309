"""What each department delivers about the city, one module a department: tables in, a list of `Delivery` out."""
