const page = (
  <Layout title="Users \n" wide {...props}>
    <h1 className={styles.title}>Hello {user.name}!</h1>
    {/* nothing */}
    <ns.Row key={1} />
    <>
      {users.map((user) => (
        <li>{user}</li>
      ))}
    </>
    <div dangerouslySetInnerHTML={{ __html: html }}></div>
  </Layout>
);
