// Calls the URLs given as arguments with fetch, and prints each body on a line of its own as JSON.
for (const url of process.argv.slice(2)) {
  const answer = await fetch(url);
  console.log(JSON.stringify(await answer.text()));
}
