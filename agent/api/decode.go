package api

// maxBody bounds a request's body, and what is read of an error.
const maxBody = 1 << 20
