"""HTTP: tokens, `/graphql`, health. Turns requests into questions and answers into responses; decides no access."""
