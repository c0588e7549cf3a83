"""The GraphQL endpoint: a schema of what posting and measuring need, in GitHub's names."""
